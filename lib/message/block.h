#ifndef MS_BLOCK_H
#define MS_BLOCK_H

#include "base/budget.h"
#include "base/spool.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What the decoders of old mail encodings have in common (uu.h, yenc.h,
 * binhex.h, tnef.h, cms.h): a content goes in, blocks with a name come out,
 * each decoded into a spool under the budget of the message.
 */

/* One block, on loan until the visitor returns. */
struct ms_block {
	const char *name;	/* as written; never to be opened */
	const unsigned char *data;
	size_t size;
};

struct ms_block_visitor {
	/* MS_OK: go on; MS_END: stop without an error; else stop with it. */
	enum ms_status (*block)(void *arg, const struct ms_block *block,
	    struct ms_error *err);
	/*
	 * Something of block NAME (NULL: of the whole content) was left out;
	 * what could be read is visited all the same. May be NULL.
	 * MS_E_FORMAT       damaged, or "Truncated ..."
	 * MS_E_LIMIT        larger than one part may be
	 * MS_E_UNSUPPORTED  the rest of it is elsewhere, or nothing opens it
	 * MS_E_ENCRYPTED    it is for the recipient only
	 */
	void (*trouble)(void *arg, const char *name, enum ms_status status,
	    const struct ms_error *why);
	/* Some programs call a block NAME, on loan, or would if there were
	 * one. May be NULL. */
	void (*name)(void *arg, const char *name);
};

struct ms_block_input {
	const unsigned char *data;
	size_t size;
	struct ms_spool *spool;		/* for the decoded bytes */
	struct ms_budget *budget;
};

/* One run of a decoder: what all of its steps need. */
struct ms_block_walk {
	const struct ms_block_input *input;
	const struct ms_block_visitor *visitor;
	void *arg;
};

/* Some bytes of the input. */
struct ms_block_text {
	const unsigned char *data;
	size_t size;
};

/* Of longer names, the end is kept. */
#define MS_BLOCK_NAME_MAX 255

/* Cut the next line off REST; LINE has neither LF nor the CR before it.
 * false: there is none. */
bool ms_block_line(struct ms_block_text *rest, struct ms_block_text *line);

/* Put REST at the next line that starts with PREFIX, in which is no line end.
 * false: there is none. */
bool ms_block_seek(struct ms_block_text *rest, const char *prefix);

/* Does TEXT start with PREFIX? */
bool ms_block_starts(const struct ms_block_text *text, const char *prefix);

/* SIZE bytes at DATA as a name in NAME: cut, ended at NUL, without blanks
 * and quotation marks around it; "unnamed" if nothing is left. */
void ms_block_name(const void *data, size_t size,
    char name[MS_BLOCK_NAME_MAX + 1]);

/* Append SIZE decoded bytes to the spool. MS_E_LIMIT: one part may not be as
 * large as that, or the budget is used up. */
enum ms_status ms_block_keep(const struct ms_block_input *input,
    const void *data, size_t size, struct ms_error *err);

/* Tell trouble(). */
void ms_block_trouble(const struct ms_block_walk *walk, const char *name,
    enum ms_status status, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Visit SIZE bytes at DATA as block NAME, and count them as a part. */
enum ms_status ms_block_visit(const struct ms_block_walk *walk,
    const char *name, const unsigned char *data, size_t size,
    struct ms_error *err);

/* STATUS and ERR are how decoding block NAME ended: MS_OK if it was only too
 * large for one part, which is told; else STATUS. */
enum ms_status ms_block_pass(const struct ms_block_walk *walk,
    const char *name, enum ms_status status, const struct ms_error *err);

/*
 * Visit what the spool has as block NAME. STATUS and ERR are how decoding it
 * ended: a block that was too large is told and visited as far as it goes;
 * what ended the whole message is handed back.
 */
enum ms_status ms_block_done(const struct ms_block_walk *walk,
    const char *name, enum ms_status status, struct ms_error *err);

#endif
