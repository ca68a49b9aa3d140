#ifndef PLACES_H
#define PLACES_H

#include <stdbool.h>

/*
 * Where the options of the last command line stand that was parsed: on it, in
 * the environment, in the configuration file.
 */

void places_forget(void);

/* NAME, which lives on, stands at PLACE, in words; NULL: on the command line.
 * OWN: it was said to this command, and not to all that have it. */
void places_note(const char *name, const char *place, bool own);

/* Was any of that said of NAME, and OWN? */
bool places_own(const char *name);

/* What is said of "--NAME", as its first word, is said of "PLACE: NAME" if it
 * stands there, and of TEXT itself otherwise. Takes TEXT, and returns what is
 * for g_free(). */
char *places_say(char *text);

#endif
