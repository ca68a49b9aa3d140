#include "base/listfile.h"

#include <stdio.h>
#include <stdlib.h>

enum ms_status
ms_listfile_read(const char *path, ms_listfile_take *take, void *arg,
    struct ms_error *err)
{
	FILE *stream = fopen(path, "re");
	struct ms_listfile_line line = { NULL, 0, 0, 0 };
	enum ms_status status = MS_OK;
	size_t space = 0;
	ssize_t size;

	if (!stream)
		return ms_error_errno(err, "%s", path);
	while (status == MS_OK &&
	    (size = getline(&line.text, &space, stream)) >= 0) {
		line.size = (size_t)size;
		line.end += line.size;
		line.number++;
		status = take(arg, &line, err);
	}
	if (status == MS_OK && ferror(stream))
		status = ms_error_errno(err, "%s", path);
	free(line.text);
	(void)fclose(stream);
	return status;
}
