#ifndef SAMPLES_H
#define SAMPLES_H

#include <glib.h>

/*
 * Mail that shows whether a scanner is at work: the EICAR test file, which does
 * nothing and which all of them know, in the places where mail has things, and
 * a message without it.
 */

enum sample {
	SAMPLE_CLEAN,
	SAMPLE_TEXT,
	SAMPLE_ATTACHED,
	SAMPLE_ZIPPED,
	SAMPLE_NESTED,		/* in a zip in a zip in a forwarded message */
	SAMPLES
};

/* "attached", for people. */
const char *sample_name(enum sample sample);

/* The message, from SENDER ("": nobody) to RECIPIENT, with CR LF as line ends;
 * for g_string_free(). ID is different for each. */
GString *sample_mail(enum sample sample, const char *sender,
    const char *recipient, const char *id);

#endif
