#ifndef MS_SOURCE_H
#define MS_SOURCE_H

#include "base/error.h"
#include "message/message.h"
#include "source/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where messages come from: paths are added, items are pulled. One call
 * walks operands, directories, mailboxes and archives of mail, one message
 * at a time, with flat memory whatever their size. Files are opened
 * O_RDONLY|O_NOFOLLOW|O_NONBLOCK (and O_NOATIME where permitted), only if
 * they are regular, and read with pread.
 */

enum ms_source_format {
	MS_SOURCE_AUTO,		/* by content */
	MS_SOURCE_EML,
	MS_SOURCE_MBOX,
	MS_SOURCE_MAILDIR,
	MS_SOURCE_MH,
	MS_SOURCE_ARCHIVE,	/* compressed, tar or zip, full of mail */
	MS_SOURCE_RAW,		/* a file scanned as it is, whatever it is */
	MS_SOURCE_PCAP,		/* SMTP as it went over a network, */
	MS_SOURCE_SMTP,		/* or as somebody wrote it down */
	MS_SOURCE_POSTFIX,	/* queues, from here on: see source/queue.h */
	MS_SOURCE_EXIM,
	MS_SOURCE_SENDMAIL,
	MS_SOURCE_QMAIL,
	MS_SOURCE_CYRUS,	/* and stores */
	MS_SOURCE_DBOX
};

enum ms_source_variant {
	MS_SOURCE_VARIANT_AUTO,	/* From_ rule, unquoted as mboxrd */
	MS_SOURCE_MBOXO,
	MS_SOURCE_MBOXRD,
	MS_SOURCE_MBOXCL,
	MS_SOURCE_MBOXCL2
};

/* Symbolic links, with clamscan's meaning. */
enum ms_source_follow {
	MS_SOURCE_FOLLOW_NEVER = 0,
	MS_SOURCE_FOLLOW_DIRECT = 1,	/* only where given as an operand */
	MS_SOURCE_FOLLOW_ALWAYS = 2
};

/* What reads what is not read here. */
enum ms_source_reader {
	MS_SOURCE_READ_ARCHIVE,	/* ms_compressed_run() */
	MS_SOURCE_READ_PCAP,	/* ms_messages_run(), for a pcap, */
	MS_SOURCE_READ_SMTP	/* or for any form of text */
};

/*
 * Start a boxed process in which READER reads FD, and give in *STREAM the end
 * of a pipe to read its records from; both descriptors stay the caller's to
 * close. lib/source forks nothing itself.
 */
typedef enum ms_status ms_source_start_reader(void *arg,
    enum ms_source_reader reader, int fd, int *stream, struct ms_error *err);

/* What the first bytes of something look like, to those who know captures:
 * this folder does not. */
enum ms_source_capture {
	MS_SOURCE_NO_CAPTURE,
	MS_SOURCE_IS_PCAP,	/* and nothing else */
	MS_SOURCE_IS_SMTP	/* or text that only looks like it */
};

typedef enum ms_source_capture ms_source_detect_capture(
    const unsigned char *head, size_t size);

/* A pipe or terminal at FD has nothing to say: wait until it has, and do
 * what else there is to be done. False: read no more of it. */
typedef bool ms_source_wait(void *arg, int fd);

struct ms_source_config {
	enum ms_source_format format;
	enum ms_source_variant variant;
	bool recurse;
	enum ms_source_follow follow_dirs;
	enum ms_source_follow follow_files;
	bool cross_fs;
	const char *const *include;	/* globs (fnmatch) on the path or its
					 * last name; NULL-ended; NULL: all */
	const char *const *exclude;
	int64_t since;			/* seconds since 1970, inclusive;
					 * INT64_MIN: no bound */
	int64_t until;			/* exclusive; INT64_MAX: no bound */
	struct ms_spool_config spool;	/* for message bodies and name lists */
	uint64_t message_max;		/* bytes of a body that are kept */
	ms_source_start_reader *start_reader;	/* NULL: archives of mail and
						 * packets are handed out as
						 * raw files */
	void *reader_arg;
	ms_source_detect_capture *detect_capture;	/* NULL: there are
							 * none */
	ms_source_wait *wait;			/* NULL: just wait */
	void *wait_arg;
	const struct ms_memory *memory;		/* NULL: all is new */
	void *memory_arg;
};

enum ms_source_kind {
	MS_SOURCE_MESSAGE,	/* message is set, and the caller's to free */
	MS_SOURCE_UNSELECTED,	/* outside since/until, include/exclude */
	MS_SOURCE_GONE,		/* vanished while we ran: no error */
	MS_SOURCE_EMPTY,	/* a directory or mailbox without mail */
	MS_SOURCE_SKIPPED,	/* no regular file, or a link not followed */
	MS_SOURCE_FAILED,	/* could not be read, in whole or from here */
	/* only with a memory, and for it; the origin has the ticket */
	MS_SOURCE_KNOWN,	/* not read: a folder's list, a file, or what
				 * is before END in one */
	MS_SOURCE_FINISHED	/* a list, or a file, is at its end */
};

struct ms_source_item {
	enum ms_source_kind kind;
	struct ms_message *message;
	struct ms_origin origin;	/* for all kinds but MESSAGE */
	char *text;			/* why, for people; NULL for MESSAGE
					 * and UNSELECTED */
	struct ms_memory_end end;	/* of FINISHED, KNOWN: of a mailbox */
	bool list;			/* FINISHED: the list of a folder, */
	bool partial;			/* of which something was left out, */
	bool elsewhere;			/* or that leads to what changes
					 * without it; the same of a file, */
	bool operand;			/* and it was named */
};

struct ms_source;

/* CONFIG is copied; what it points to must outlive the source. */
struct ms_source *ms_source_new(const struct ms_source_config *config);
void ms_source_free(struct ms_source *source);

/* Queue a path; "-" is standard input (descriptor 0). */
void ms_source_add(struct ms_source *source, const char *path);

/* Queue the paths listed in FILE ("-": standard input), one a line, or
 * NUL-separated if NUL. The list is read as it is needed. MS_E_IO: FILE
 * cannot be opened. */
enum ms_status ms_source_add_list(struct ms_source *source,
    const char *file, bool nul, struct ms_error *err);

/*
 * The next item, in the order of the operands and, inside a directory, of
 * names; the caller clears it.
 *
 * MS_OK    ITEM is filled; what is wrong with one path is an item, too
 * MS_END   no more
 * other    nothing can go on (temporary storage is full, say)
 */
enum ms_status ms_source_next(struct ms_source *source,
    struct ms_source_item *item, struct ms_error *err);

void ms_source_item_clear(struct ms_source_item *item);

/* Bytes of the regular files that were handed out so far, for progress. */
uint64_t ms_source_bytes(const struct ms_source *source);

#endif
