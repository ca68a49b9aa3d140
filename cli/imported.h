#ifndef IMPORTED_H
#define IMPORTED_H

#include <stdbool.h>

/*
 * Values that another program was told, before they become ours: what nobody
 * looks at until a service begins is looked at here, where the line that says
 * it is known.
 */

/* Can TEXT be a value, or one of the list, of the setting NAME of "mailscan
 * serve" and "mailscan pool"? Settings that are not known here can be anything.
 * NULL, or what is wrong, for g_free(). Nothing is opened or looked up. */
char *imported_wrong(const char *name, const char *text);

#endif
