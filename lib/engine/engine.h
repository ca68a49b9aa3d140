#ifndef MS_ENGINE_H
#define MS_ENGINE_H

#include "base/error.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What says that bytes are bad. An engine is an ops table and a state; one
 * that is opened before a fork serves every child.
 */

/* Things that are facts by default, and findings if the administrator wants
 * them to be: clamscan's --alert-* options. */
enum ms_engine_alert {
	MS_ENGINE_ALERT_BROKEN = 1 << 0,
	MS_ENGINE_ALERT_BROKEN_MEDIA = 1 << 1,
	MS_ENGINE_ALERT_ENCRYPTED_ARCHIVE = 1 << 2,
	MS_ENGINE_ALERT_ENCRYPTED_DOC = 1 << 3,
	MS_ENGINE_ALERT_MACROS = 1 << 4,
	MS_ENGINE_ALERT_EXCEEDS_MAX = 1 << 5,
	MS_ENGINE_ALERT_PHISHING_SSL = 1 << 6,
	MS_ENGINE_ALERT_PHISHING_CLOAK = 1 << 7,
	MS_ENGINE_ALERT_PARTITION = 1 << 8
};

/* What somebody else says of a content. */
struct ms_engine_answer {
	enum {
		MS_ENGINE_CLEAN,
		MS_ENGINE_FOUND,	/* TEXT is the name */
		MS_ENGINE_TOO_LARGE,	/* for it to look at: TEXT says more */
		MS_ENGINE_FAILED	/* nobody looked: TEXT says why */
	} kind;
	char text[1024];		/* nothing in it needs quoting */
};

/* Who asks others for an engine that does not look itself: there are no
 * sockets where contents are parsed. */
struct ms_engine_delegate {
	/* MS_OK: *ANSWER is set. MS_E_PEER: nobody is there to be asked. */
	enum ms_status (*ask)(void *arg, const void *data, size_t size,
	    struct ms_engine_answer *answer, struct ms_error *err);
	void *arg;
	const char *version;	/* of those who are asked: "1.4.6" */
	const char *database;	/* what they have loaded */
	int64_t database_time;	/* -1: unknown */
};

struct ms_engine_config {
	const char *database;	/* directory or file; NULL: the library's */
	bool official_only;
	bool detect_pua;
	unsigned alerts;	/* enum ms_engine_alert, or-ed */
	uint64_t max_filesize;	/* bytes */
	uint64_t max_scansize;
	uint32_t max_files;
	uint32_t max_recursion;
	uint32_t max_scantime_ms;
	/* Of an engine that is remote: whom to ask, with NULL behind them, and
	 * who does it, which the processes that scan fill in. */
	const char *const *servers;
	const struct ms_engine_delegate *delegate;
};

struct ms_engine_info {
	char *name;		/* "clamav" */
	char *version;		/* "1.4.6" */
	char *database;		/* what was loaded, for people */
	uint64_t signatures;	/* 0: not loaded */
	int64_t database_time;	/* of the newest file; -1: unknown */
	bool contexts;		/* signatures may ask for the containers of
				 * what they match */
};

/* What an engine could not do. */
enum ms_engine_gap {
	MS_ENGINE_GAP_SIZE,
	MS_ENGINE_GAP_TIME,
	MS_ENGINE_GAP_MEMORY,
	MS_ENGINE_GAP_DEPTH,
	MS_ENGINE_GAP_COUNT,
	MS_ENGINE_GAP_ENCRYPTED
};

/* Something that the engine unpacked by itself and is about to look at. */
struct ms_engine_layer {
	const unsigned char *data;
	size_t size;
	const char *type;	/* the engine's name for it, or "" */
	const char *name;	/* its file name, or "" */
	uint32_t level;		/* 0: what was passed in */
	uint32_t attributes;	/* opaque: how it was made */
};

struct ms_engine_sink {
	/* NAME exactly as the engine gives it; each once per scan. */
	void (*found)(void *arg, const char *name);
	void (*gap)(void *arg, enum ms_engine_gap gap, const char *detail);
	/* Returns whether to pass LAYER over, as clean. NULL: not asked. */
	bool (*layer)(void *arg, const struct ms_engine_layer *layer);
	/* A signature matches; whether it counts is up to lists of what is
	 * fine, which may know a layer around the match, and need not follow
	 * by a found(). NULL: not told. */
	void (*suspect)(void *arg);
};

/* What the engine need not take apart by itself. */
enum ms_engine_without {
	MS_ENGINE_WITHOUT_MAIL = 1 << 0,
	MS_ENGINE_WITHOUT_ARCHIVES = 1 << 1
};

/* What to look at. */
struct ms_engine_input {
	const unsigned char *data;
	size_t size;
	uint64_t *looked_at;	/* NULL, or gets the bytes of all layers */
	unsigned without;	/* enum ms_engine_without, or-ed */
};

struct ms_engine;

struct ms_engine_ops {
	const char *name;
	const char *(*version)(void);	/* of the library; static */
	enum ms_status (*open)(const struct ms_engine_config *config,
	    void **state, struct ms_error *err);
	void (*close)(void *state);
	enum ms_status (*set_tmpdir)(void *state, const char *dir,
	    struct ms_error *err);
	enum ms_status (*scan)(void *state,
	    const struct ms_engine_input *input,
	    const struct ms_engine_sink *sink, void *arg,
	    struct ms_error *err);
	void (*info)(const void *state, struct ms_engine_info *info);
	bool blind;	/* looks for nothing: what it passes is not clean */
	bool remote;	/* asks the servers of its configuration, whose
			 * database may change at any time */
};

/*
 * MS_OK        *ENGINE is ready; load it before forking
 * MS_E_ENGINE  the database is missing or broken: ERR says which file and
 *              what to do
 */
enum ms_status ms_engine_open(const struct ms_engine_ops *ops,
    const struct ms_engine_config *config, struct ms_engine **engine,
    struct ms_error *err);
void ms_engine_close(struct ms_engine *engine);

/* Where the engine may put temporary files from now on. */
enum ms_status ms_engine_set_tmpdir(struct ms_engine *engine,
    const char *dir, struct ms_error *err);

/*
 * Look at the bytes of INPUT, and at all that the engine finds in them, with
 * every match reported.
 *
 * MS_OK        looked, as far as the gaps told do not say otherwise
 * MS_E_ENGINE  could not look
 */
enum ms_status ms_engine_scan(struct ms_engine *engine,
    const struct ms_engine_input *input, const struct ms_engine_sink *sink,
    void *arg, struct ms_error *err);

const char *ms_engine_name(const struct ms_engine *engine);

/* ms_engine_info_clear() frees what INFO holds. */
void ms_engine_info(const struct ms_engine *engine,
    struct ms_engine_info *info);
void ms_engine_info_clear(struct ms_engine_info *info);

#endif
