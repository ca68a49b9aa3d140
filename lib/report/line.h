#ifndef MS_LINE_H
#define MS_LINE_H

#include "base/error.h"
#include "scan/outcome.h"

#include <glib.h>
#include <stdint.h>
#include <stdio.h>

/* What the report formats share: putting text together and getting it onto
 * the stream. */

/* Append TEXT through base/quote; nothing for NULL. */
void ms_line_quoted(GString *out, const char *text);

/* The same, cut after MAX characters, never inside an escape; what was cut
 * is shown by "...". */
void ms_line_quoted_max(GString *out, const char *text, size_t max);

/* Append BYTES as "1.23 MB" (of 1048576 bytes), the same in every locale. */
void ms_line_megabytes(GString *out, uint64_t bytes);

/* "#3", in a capture "stream 2 #3": which of many ORIGIN is. */
void ms_line_number(GString *out, const struct ms_origin *origin);

/* "PATH", or "PATH[#n <message-id>]" where a source holds many, or
 * "PATH[stream 2 #n <message-id>]" of a capture, or
 * "PATH[QUEUE-ID <message-id>]" of a mail queue; quoted. */
GString *ms_line_label(const struct ms_outcome *outcome);

/* Write OUT and empty it. MS_E_IO: not all could be written, now or
 * before. */
enum ms_status ms_line_write(FILE *stream, GString *out,
    struct ms_error *err);

/* Hand on what the stream still holds. MS_E_IO likewise. */
enum ms_status ms_line_flush(FILE *stream, struct ms_error *err);

#endif
