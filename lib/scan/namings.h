#ifndef MS_NAMINGS_H
#define MS_NAMINGS_H

#include <glib.h>

/*
 * The forms in which a file name that came in a message is compared: what a
 * computer makes of it that saves or opens the file. Directories before it,
 * control and invisible characters, and blanks, dots and quotes behind it go;
 * what looks like an ASCII character to a file system is one (Unicode's NFKC),
 * percent signs may be code, and so may be what stands behind a colon. Case
 * does not count.
 */

/* Append the forms of NAME, which may have any bytes, to FORMS, which frees
 * with g_free(): each once, in folded UTF-8. Of a name longer than any file
 * may have, only the end counts. */
void ms_namings(const char *name, GPtrArray *forms);

/* TEXT of the administrator's as it is compared with them, for g_free(). */
char *ms_namings_fold(const char *text);

/* Has FORM two extensions, of which the last can do harm and the one before it
 * looks as if it could not ("invoice.pdf.exe"), or one that hides the other
 * from people (a class id)? */
gboolean ms_namings_is_double(const char *form);

#endif
