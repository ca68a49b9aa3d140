#ifndef MS_INPUT_H
#define MS_INPUT_H

#include "base/error.h"
#include "base/spool.h"
#include "source/members.h"
#include "source/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes to be read from front to back: of a regular file, of a pipe, or of a
 * member of an archive. The first 64 KB can be looked at before they are
 * read. A failure is final: the same one is answered from then on.
 */

struct ms_input;

/* SIZE bytes of the regular file FD, which now belongs to the input. What is
 * appended meanwhile is not read; if the file shrinks, that is a failure. */
struct ms_input *ms_input_file(int fd, uint64_t size);

/* A pipe or anything else that can be read; FD stays the caller's. WAIT (may
 * be NULL) is asked before each read that would wait. */
struct ms_input *ms_input_stream(int fd, ms_source_wait *wait, void *arg);

/* The current member; COMPRESSED stays the caller's. */
struct ms_input *ms_input_member(struct ms_members *members);

void ms_input_free(struct ms_input *input);

/* Loan of the first MS_DETECT_HEAD bytes, or of all if there are less, until
 * the first read. */
enum ms_status ms_input_head(struct ms_input *input,
    const unsigned char **data, size_t *size, struct ms_error *err);

/* Up to SIZE further bytes; *GOT 0 is the end. MS_E_IO, MS_E_FORMAT,
 * MS_E_PEER: ERR says at which byte. */
enum ms_status ms_input_read(struct ms_input *input, void *data, size_t size,
    size_t *got, struct ms_error *err);

/* SIZE bytes of those read were of no use. MS_E_LIMIT: an archive has had too
 * many of them, and the input has failed. */
enum ms_status ms_input_charge(struct ms_input *input, uint64_t size,
    struct ms_error *err);

/* Bytes at OFFSET, whatever has been read. Only of files: else MS_E_USAGE. */
enum ms_status ms_input_peek(struct ms_input *input, uint64_t offset,
    void *data, size_t size, size_t *got, struct ms_error *err);

/*
 * Make a file of *INPUT, by reading it to its end: an archive has to be read
 * more than once, and a Content-Length looked up.
 *
 * MS_OK   so it is
 * MS_END  it cannot be read: WHY says so
 * other   temporary storage is full
 */
enum ms_status ms_input_to_file(struct ms_input **input,
    const struct ms_spool_config *config, struct ms_error *why,
    struct ms_error *err);

bool ms_input_is_file(const struct ms_input *input);

/* Of a file: how many bytes are read in all. */
uint64_t ms_input_size(const struct ms_input *input);

/* The file's descriptor, on loan, or -1. */
int ms_input_fd(const struct ms_input *input);

/* Bytes taken from the file or stream so far. */
uint64_t ms_input_taken(const struct ms_input *input);

#endif
