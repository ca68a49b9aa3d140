#include "engine/scanf.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

/* So many digits fit into 32 bits, whatever they are. */
#define DIGITS_MAX 9

/* libc's own, by name: they differ in what "%as" means. */
int scan_c99(const char *text, const char *format, va_list list)
    __asm__("__isoc99_vsscanf");
int scan_gnu(const char *text, const char *format, va_list list)
    __asm__("vsscanf");

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* The number at TEXT; false if that is anything but a few digits. */
static bool
read_number(const char *text, unsigned *number)
{
	unsigned value = 0;
	size_t n;

	for (n = 0; n < DIGITS_MAX && is_digit(text[n]); n++)
		value = value * 10 + (unsigned)(text[n] - '0');
	if (n == 0 || is_digit(text[n]))
		return false;
	*number = value;
	return true;
}

/* What LIBC makes of it, or the same faster. */
static int
scan(int (*libc)(const char *, const char *, va_list), const char *text,
    const char *format, va_list list)
{
	unsigned number;

	if (strcmp(format, "%u") != 0 || !read_number(text, &number))
		return libc(text, format, list);
	*va_arg(list, unsigned *) = number;
	return 1;
}

int
ms_scanf_c99(const char *text, const char *format, ...)
{
	va_list list;
	int got;

	va_start(list, format);
	got = scan(scan_c99, text, format, list);
	va_end(list);
	return got;
}

int
ms_scanf_gnu(const char *text, const char *format, ...)
{
	va_list list;
	int got;

	va_start(list, format);
	got = scan(scan_gnu, text, format, list);
	va_end(list);
	return got;
}
