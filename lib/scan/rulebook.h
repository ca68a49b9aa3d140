#ifndef MS_RULEBOOK_H
#define MS_RULEBOOK_H

#include "base/error.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What must not be in mail, whatever an engine says of it: rules of the
 * administrator's on file names, on types of contents and on texts. Made
 * once, before workers are forked, and then only read. Rules have numbers,
 * from 0; scan/enforce has them looked for in a message. With rules for texts
 * come tables of charsets, which are not to be opened later.
 */

struct ms_rulebook;

/* More rules than this in one book are an error. */
#define MS_RULEBOOK_MAX 20000

/* Lists end with NULL, or are NULL. What is there twice is one rule. */
struct ms_rulebook_config {
	/* ".exe" or "invoice.exe": what a name ends with; "*.do?": a glob for
	 * the whole name; "re:EXPRESSION": what is found in it. Case does not
	 * count. */
	const char *const *names;
	/* Classes (scan/classes.h), or globs of media types, "image/?*". */
	const char *const *types;
	/* "[NAME=]raw:/EXPRESSION/FLAGS", "body:/.../", "header:/.../" (any
	 * field, as "Name: text") or "header:FIELD:/.../", in the notation of
	 * Perl. FLAGS are of i (case does not count), m (lines begin and end
	 * within), s (a dot is also a line end) and x (blanks are none). */
	const char *const *regexes;
	bool double_extension;	/* two of them, the last one harmful */
};

/*
 * MS_OK       *BOOK is for ms_rulebook_free(); NULL if there is no rule
 * MS_E_USAGE  one of them is wrong; ERR says which and why
 * MS_E_LIMIT  there are too many
 */
enum ms_status ms_rulebook_new(const struct ms_rulebook_config *config,
    struct ms_rulebook **book, struct ms_error *err);
void ms_rulebook_free(struct ms_rulebook *book);

/* How many rules there are (NULL: none), and what one is called: "name:.exe"
 * (names folded as scan/namings.h does it, but expressions), "type:executable",
 * "regex:NAME" or "regex:" and all of the rule, "double-extension". */
size_t ms_rulebook_count(const struct ms_rulebook *book);
const char *ms_rulebook_name(const struct ms_rulebook *book, size_t rule);

/* Two books with the same digest have the same rules. */
struct ms_digest ms_rulebook_digest(const struct ms_rulebook *book);

/* Where an expression is looked for. */
enum ms_rulebook_place {
	MS_RULEBOOK_RAW,
	MS_RULEBOOK_BODY,
	MS_RULEBOOK_HEADER,	/* the value of a field */
	MS_RULEBOOK_LINE,	/* "Name: value" */
	MS_RULEBOOK_PLACES
};
bool ms_rulebook_looks(const struct ms_rulebook *book,
    enum ms_rulebook_place place);
bool ms_rulebook_looks_at_names(const struct ms_rulebook *book);

/* RULE applies; or, GIVEN_UP, it took more steps than it may to find out. */
typedef void ms_rulebook_hit(void *arg, size_t rule, bool given_up);

/* Tell all rules that FORM, a name as scan/namings.h has it, breaks. */
void ms_rulebook_check_name(const struct ms_rulebook *book, const char *form,
    ms_rulebook_hit *hit, void *arg);

/* A content, in memory. */
struct ms_rulebook_content {
	const char *type;		/* of unpack/sniff.h */
	const unsigned char *data;
	size_t size;
	bool is_text;		/* of the message's own: no file */
};
void ms_rulebook_check_type(const struct ms_rulebook *book,
    const struct ms_rulebook_content *content, ms_rulebook_hit *hit,
    void *arg);

/* Some text: for RAW any bytes; else UTF-8. */
struct ms_rulebook_text {
	const char *data;
	size_t size;
	size_t from;		/* what stands before has been searched */
	bool more;		/* follows: its end is no end */
	const char *field;	/* of HEADER: its name */
};
void ms_rulebook_check_text(const struct ms_rulebook *book,
    enum ms_rulebook_place place, const struct ms_rulebook_text *text,
    ms_rulebook_hit *hit, void *arg);

#endif
