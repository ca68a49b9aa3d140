#include "policy/digests.h"

#include "base/hash.h"
#include "base/listfile.h"

#include <string.h>

#define FILE_MAX_BYTES ((size_t)64 << 20)

/* The hexadecimal digest at TEXT. */
static bool
parse_digest(const char *text, struct ms_digest *digest)
{
	for (size_t i = 0; i < MS_HASH_SIZE; i++) {
		const int high = g_ascii_xdigit_value(text[2 * i]);
		const int low = high < 0 ? -1 :
		    g_ascii_xdigit_value(text[2 * i + 1]);

		if (low < 0)
			return false;
		digest->bytes[i] = (unsigned char)(high << 4 | low);
	}
	return text[2 * MS_HASH_SIZE] == '\0' ||
	    g_ascii_isspace(text[2 * MS_HASH_SIZE]);
}

/* What is read, and where it goes. */
struct reading {
	const char *path;
	GHashTable *set;
};

static enum ms_status
take_line(void *arg, const struct ms_listfile_line *line,
    struct ms_error *err)
{
	const struct reading *reading = arg;
	const char *text = line->text + strspn(line->text, " \t\r\n");
	struct ms_digest digest;

	if (text == line->text + line->size || *text == '#')
		return MS_OK;
	if (line->end > FILE_MAX_BYTES || !parse_digest(text, &digest))
		return ms_error_set(err, MS_E_FORMAT, "%s:%u: want the %d "
		    "hexadecimal digits of a SHA-256", reading->path,
		    line->number, 2 * MS_HASH_SIZE);
	(void)g_hash_table_add(reading->set, g_memdup2(&digest,
	    sizeof digest));
	return MS_OK;
}

enum ms_status
ms_digests(const char *path, GHashTable **digests, struct ms_error *err)
{
	struct reading reading = { path, g_hash_table_new_full(ms_hash_key,
		ms_hash_key_equal, g_free, NULL) };
	const enum ms_status status = ms_listfile_read(path, take_line,
	    &reading, err);

	if (status == MS_OK)
		*digests = reading.set;
	else
		g_hash_table_unref(reading.set);
	return status;
}
