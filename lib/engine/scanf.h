#ifndef MS_SCANF_H
#define MS_SCANF_H

/*
 * libclamav reads the numbers in the expression of each logical signature
 * with sscanf(text, "%u", &number), all of them again for every pass over
 * every layer. With a database of official size that is a quarter of its
 * work. The dynamic linker looks for a function in the program before it
 * looks in libc, so what stands here is asked instead: it reads such a number
 * by itself, and leaves all else to libc.
 */

/*
 * As sscanf(), of C99 and of GNU before it, under the names that every library
 * here calls them by. Whoever uses these functions puts them into the program;
 * where the dynamic linker does not follow, all works as before, and slower.
 */
int ms_scanf_c99(const char *text, const char *format, ...)
    __asm__("__isoc99_sscanf") __attribute__((format(scanf, 2, 3)));
int ms_scanf_gnu(const char *text, const char *format, ...)
    __asm__("sscanf") __attribute__((format(scanf, 2, 3)));

#endif
