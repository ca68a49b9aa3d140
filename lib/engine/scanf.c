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

static bool
is_number(const char *text, const char *format, unsigned *number)
{
	return strcmp(format, "%u") == 0 && read_number(text, number);
}

int
ms_scanf_c99(const char *text, const char *format, ...)
{
	va_list list;
	unsigned number;
	int got = 1;

	va_start(list, format);
	if (is_number(text, format, &number))
		*va_arg(list, unsigned *) = number;
	else
		got = scan_c99(text, format, list);
	va_end(list);
	return got;
}

int
ms_scanf_gnu(const char *text, const char *format, ...)
{
	va_list list;
	unsigned number;
	int got = 1;

	va_start(list, format);
	if (is_number(text, format, &number))
		*va_arg(list, unsigned *) = number;
	else
		got = scan_gnu(text, format, list);
	va_end(list);
	return got;
}
