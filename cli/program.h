#ifndef PROGRAM_H
#define PROGRAM_H

/* What keeps PATH, as a setting has it, from being a program that we can run,
 * in words for g_free(); NULL: nothing does. */
char *program_fault(const char *path);

#endif
