#ifndef MS_READERS_H
#define MS_READERS_H

#include "base/error.h"
#include "pool/reader.h"
#include "source/source.h"

/*
 * The boxed processes that read archives of mail and captures: one at a time,
 * and each is ended and waited for before the next one starts.
 */

struct ms_readers;

/* DIR, a loan, is for temporary files. */
struct ms_readers *ms_readers_new(const char *dir);

/* Ends the one that runs. */
void ms_readers_free(struct ms_readers *readers);

/* Have BODY read FROM's input, with a temporary file if there is TMP, which is
 * ignored but for -1; *STREAM is what comes out, for the caller to close. Fails
 * as ms_reader_start() does. */
enum ms_status ms_readers_start(struct ms_readers *readers,
    ms_reader_body *body, const struct ms_reader_place *from, int *stream,
    struct ms_error *err);

/* The same with what READER is: see source/source.h. */
enum ms_status ms_readers_source(struct ms_readers *readers,
    enum ms_source_reader reader, int fd, int *stream, struct ms_error *err);

/* For struct ms_source_config: what capture/capture.h takes it for. */
enum ms_source_capture ms_readers_detect(const unsigned char *head,
    size_t size);

#endif
