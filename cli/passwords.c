#include "passwords.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No archiver takes longer ones. */
#define PASSWORD_BYTES_MAX 255

/* What is wrong with the line, or NULL. */
static const char *
problem(const char *line, size_t size, size_t count)
{
	if (strlen(line) != size)
		return "a NUL byte";
	if (size > PASSWORD_BYTES_MAX)
		return "longer than 255 bytes";
	return count >= PASSWORDS_MAX ? "more than 1000 passwords" : NULL;
}

static size_t
without_line_end(char *line, size_t size)
{
	if (size > 0 && line[size - 1] == '\n')
		line[--size] = '\0';
	if (size > 0 && line[size - 1] == '\r')
		line[--size] = '\0';
	return size;
}

static enum ms_status
read_lines(const char *file, FILE *stream, char **list, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	size_t count = 0, room = 0;
	unsigned long number = 0;
	char *line = NULL;
	ssize_t n;

	while (status == MS_OK && (n = getline(&line, &room, stream)) >= 0) {
		size_t size = without_line_end(line, (size_t)n);
		const char *wrong;

		number++;
		if (size == 0)
			continue;
		wrong = problem(line, size, count);
		if (wrong)
			status = ms_error_set(err, MS_E_FORMAT,
			    "%s: line %lu: %s", file, number, wrong);
		else
			list[count++] = g_strdup(line);
	}
	if (status == MS_OK && ferror(stream))
		status = ms_error_errno(err, "%s", file);
	else if (status == MS_OK && count == 0)
		status = ms_error_set(err, MS_E_FORMAT, "%s: no password in "
		    "it", file);
	free(line);
	return status;
}

enum ms_status
passwords_read(const char *file, char ***list, struct ms_error *err)
{
	FILE *stream = fopen(file, "re");
	enum ms_status status;

	*list = NULL;
	if (!stream)
		return ms_error_errno(err, "%s", file);
	*list = g_new0(char *, PASSWORDS_MAX + 1);
	status = read_lines(file, stream, *list, err);
	(void)fclose(stream);
	return status;
}

void
passwords_free(char **list)
{
	g_strfreev(list);
}
