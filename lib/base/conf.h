#ifndef MS_CONF_H
#define MS_CONF_H

#include "base/error.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * Configuration files, read through libconfuse; base/conftext.h has the
 * notation. What stands in them is a flat list of settings, each with its
 * place. Values are texts: what they mean is for others to say. A key is set
 * once in each section, whatever file that is in; include-file("FILE") at the
 * top of a file reads another one, from the folder of the first if its name
 * is relative.
 */

struct ms_conf;

/* A section, and what may stand in it. */
struct ms_conf_section {
	const char *name;	/* "" is the top of a file */
	bool titled;		/* NAME TITLE { }, once for each */
	const char *const *keys;	/* NULL-ended */
};

struct ms_conf_setting {
	const char *section;	/* "" at the top of a file */
	const char *title;	/* NULL in sections that have none */
	const char *key;
	const char *const *values;	/* NULL-ended; none for key = {} */
	const char *file;
	unsigned line;		/* of the first value; 0: there is none */
};

/* The most that a file may have. */
#define MS_CONF_BYTES_MAX (256 << 10)
#define MS_CONF_FILES_MAX 64
#define MS_CONF_SECTIONS_MAX 1000
#define MS_CONF_VALUES_MAX 10000

/*
 * Read the file at PATH, and those that it includes. SECTIONS, which ends with
 * a NULL name, says what there is; its first is the top. Names are copied.
 *
 * MS_OK        *CONF is for ms_conf_free()
 * MS_END       there is no file at PATH; *CONF is NULL
 * MS_E_IO      one of them cannot be read
 * MS_E_FORMAT  one of them is wrong: ERR has file, line and, for an unknown
 *              key, the one that it is most like
 * MS_E_LIMIT   there is too much of it
 * MS_E_USAGE   anybody may write one of them: ERR has the remedy
 */
enum ms_status ms_conf_read(const char *path,
    const struct ms_conf_section *sections, struct ms_conf **conf,
    struct ms_error *err);

/* The same for the SIZE bytes at DATA, which include no files. NAME is said in
 * errors. */
enum ms_status ms_conf_parse(const void *data, size_t size, const char *name,
    const struct ms_conf_section *sections, struct ms_conf **conf,
    struct ms_error *err);

void ms_conf_free(struct ms_conf *conf);

/* All settings (const struct ms_conf_setting *), file by file in their order,
 * those of sections behind those at the top. A loan, like all that follows. */
const GPtrArray *ms_conf_settings(const struct ms_conf *conf);

/* The one setting of that KEY there, or NULL. TITLE is NULL where the section
 * has none. */
const struct ms_conf_setting *ms_conf_find(const struct ms_conf *conf,
    const char *section, const char *title, const char *key);

/* The titles of SECTION that there are, also of empty ones: NULL-ended, for
 * g_free(), but not what is in it. */
const char **ms_conf_titles(const struct ms_conf *conf, const char *section);

/* The paths of the files that were read, as they were named: the first is 0;
 * NULL: there are not so many. */
const char *ms_conf_file(const struct ms_conf *conf, guint index);

#endif
