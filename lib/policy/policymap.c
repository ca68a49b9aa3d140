#include "policy/policymap.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Offsets are of 32 bits, to keep entries small. */
#define BYTES_MAX ((size_t)1 << 31)
#define FILES_MAX 1000
#define KEY_MAX 1000
#define SLOTS_MIN 64

/* What stands before a key in the bytes; not aligned. */
struct entry {
	uint32_t text;		/* offset of what follows the key */
	uint32_t line;
	uint32_t file;
};

/* A hash with open addresses of what is in the bytes. */
struct table {
	uint32_t *slots;	/* 1 + offset; 0: empty */
	uint32_t mask;
	uint32_t count;
	size_t skip;		/* bytes before the key there */
};

struct ms_policymap {
	char *bytes;
	size_t size, space;
	struct table keys, texts;
	GPtrArray *files;
	ms_policymap_check *check;
	void *arg;
};

static uint64_t
hash(const char *key, size_t size)
{
	uint64_t h = 0xcbf29ce484222325u;	/* FNV-1a */

	for (size_t i = 0; i < size; i++)
		h = (h ^ (unsigned char)key[i]) * 0x100000001b3u;
	return h ^ h >> 32;
}

/* The slot of KEY, or the empty one where it belongs. */
static uint32_t *
slot_of(const struct ms_policymap *map, const struct table *table,
    const char *key, size_t size)
{
	uint32_t i = (uint32_t)hash(key, size) & table->mask;

	for (; table->slots[i] != 0; i = (i + 1) & table->mask) {
		const char *there = map->bytes + table->slots[i] - 1 +
		    table->skip;

		if (strncmp(there, key, size) == 0 && there[size] == '\0')
			break;
	}
	return &table->slots[i];
}

/* Room for one more: a table is half full at most. */
static void
widen(const struct ms_policymap *map, struct table *table)
{
	uint32_t *old = table->slots;
	const uint32_t count = table->mask + 1;

	if (table->count < count / 2)
		return;
	table->mask = 2 * count - 1;
	table->slots = g_new0(uint32_t, 2 * (size_t)count);
	for (uint32_t i = 0; i < count; i++) {
		const char *key;

		if (old[i] == 0)
			continue;
		key = map->bytes + old[i] - 1 + table->skip;
		*slot_of(map, table, key, strlen(key)) = old[i];
	}
	g_free(old);
}

struct ms_policymap *
ms_policymap_new(ms_policymap_check *check, void *arg)
{
	struct ms_policymap *map = g_new0(struct ms_policymap, 1);

	map->check = check;
	map->arg = arg;
	map->keys.skip = sizeof(struct entry);
	map->keys.mask = map->texts.mask = SLOTS_MIN - 1;
	map->keys.slots = g_new0(uint32_t, SLOTS_MIN);
	map->texts.slots = g_new0(uint32_t, SLOTS_MIN);
	map->files = g_ptr_array_new_with_free_func(g_free);
	return map;
}

void
ms_policymap_free(struct ms_policymap *map)
{
	if (!map)
		return;
	g_free(map->keys.slots);
	g_free(map->texts.slots);
	g_free(map->bytes);
	g_ptr_array_unref(map->files);
	g_free(map);
}

/* Append to the bytes; where it stands. */
static uint32_t
append(struct ms_policymap *map, const void *data, size_t size)
{
	const uint32_t at = (uint32_t)map->size;

	if (map->size + size > map->space) {
		map->space = MAX(map->size + size, map->space / 2 * 3);
		map->space = MAX(map->space, 4096);
		map->bytes = g_realloc(map->bytes, map->space);
	}
	memcpy(map->bytes + at, data, size);
	map->size += size;
	return at;
}

/* A file that is being added. */
struct adding {
	struct ms_policymap *map;
	const char *name;
	uint32_t line, file;
	struct ms_error *err;
};

/* Where TEXT is, which the check has seen; *AT is that. */
static enum ms_status
intern(const struct adding *a, const char *text, uint32_t *at)
{
	struct ms_policymap *map = a->map;
	uint32_t *slot;
	enum ms_status status;

	widen(map, &map->texts);
	slot = slot_of(map, &map->texts, text, strlen(text));
	if (*slot == 0) {
		status = map->check(map->arg, text, a->err);
		if (status != MS_OK) {
			ms_error_context(a->err, "%s:%u", a->name, a->line);
			return status;
		}
		*slot = append(map, text, strlen(text) + 1) + 1;
		map->texts.count++;
	}
	*at = *slot - 1;
	return MS_OK;
}

static enum ms_status
add_line(const struct adding *a, char *key, const char *text)
{
	struct ms_policymap *map = a->map;
	struct entry entry = { .line = a->line, .file = a->file };
	enum ms_status status = intern(a, text, &entry.text);
	const size_t size = strlen(key);
	uint32_t *slot;

	if (status != MS_OK)
		return status;
	if (map->size + size + sizeof entry > BYTES_MAX)
		return ms_error_set(a->err, MS_E_LIMIT, "%s:%u: this is too "
		    "much for a policy map", a->name, a->line);
	widen(map, &map->keys);
	slot = slot_of(map, &map->keys, key, size);
	if (*slot != 0)
		return MS_OK;
	*slot = append(map, &entry, sizeof entry) + 1;
	(void)append(map, key, size + 1);
	map->keys.count++;
	return MS_OK;
}

/* Cut off a comment: # behind a blank, outside of quotation marks. */
static void
cut_comment(char *text)
{
	char mark = '\0';

	for (char *p = text; *p != '\0'; p++) {
		if (mark != '\0') {
			mark = *p == mark ? '\0' : mark;
		} else if (*p == '"' || *p == '\'') {
			mark = *p;
		} else if (*p == '#' && (p == text || p[-1] == ' ' ||
		    p[-1] == '\t')) {
			*p = '\0';
			break;
		}
	}
}

/* Where the key in TEXT ends: at a colon that is in no [address]. */
static char *
end_of_key(char *text)
{
	char *bracket = text + strcspn(text, "[:");

	if (*bracket == '[' && strchr(bracket, ']'))
		bracket = strchr(bracket, ']');
	return strchr(bracket, ':');
}

static enum ms_status
take_line(const struct adding *a, const char *data, size_t size)
{
	char *line = g_strndup(data, size), *key = line, *colon;
	enum ms_status status = MS_OK;

	if (memchr(data, '\0', size))
		status = ms_error_set(a->err, MS_E_FORMAT, "%s:%u: a NUL byte "
		    "in a policy map", a->name, a->line);
	g_strstrip(line);
	if (status == MS_OK && *line != '\0' && *line != '#') {
		colon = end_of_key(line);
		if (colon) {
			*colon = '\0';
			cut_comment(colon + 1);
		}
		key = g_strchomp(line);
		if (key[0] == '@' && key[1] != '\0')
			key++;
		for (char *p = key; *p != '\0'; p++)
			*p = g_ascii_tolower(*p);
		if (!colon || strlen(key) > KEY_MAX ||
		    strpbrk(key, " \t\","))
			status = ms_error_set(a->err, MS_E_FORMAT, "%s:%u: "
			    "want ADDRESS:NAME=VALUE,..., DOMAIN:... or :...",
			    a->name, a->line);
		else
			status = add_line(a, key, g_strstrip(colon + 1));
	}
	g_free(line);
	return status;
}

/* Take the whole lines of the SIZE bytes at DATA, and what is behind the last
 * of them if that is the END. *USED of them were it. */
static enum ms_status
take_lines(struct adding *a, const char *data, size_t size, bool end,
    size_t *used)
{
	enum ms_status status = MS_OK;
	size_t at = 0;

	while (status == MS_OK && at < size) {
		const char *stop = memchr(data + at, '\n', size - at);
		const size_t length = stop ? (size_t)(stop - data) - at :
		    size - at;

		if (!stop && !end && length <= MS_POLICYMAP_LINE_MAX)
			break;
		a->line++;
		if (length > MS_POLICYMAP_LINE_MAX)
			status = ms_error_set(a->err, MS_E_FORMAT, "%s:%u: "
			    "this line is longer than %d bytes", a->name,
			    a->line, MS_POLICYMAP_LINE_MAX);
		else
			status = take_line(a, data + at, length);
		at += length + (stop != NULL);
	}
	*used = at;
	return status;
}

static enum ms_status
begin(struct adding *a)
{
	if (a->map->files->len >= FILES_MAX)
		return ms_error_set(a->err, MS_E_LIMIT, "%s: more than %d "
		    "policy maps", a->name, FILES_MAX);
	a->file = a->map->files->len;
	g_ptr_array_add(a->map->files, g_strdup(a->name));
	return MS_OK;
}

enum ms_status
ms_policymap_add(struct ms_policymap *map, const char *name,
    const void *data, size_t size, struct ms_error *err)
{
	struct adding a = { map, name, 0, 0, err };
	enum ms_status status = begin(&a);
	size_t used;

	return status == MS_OK ? take_lines(&a, data, size, true, &used) :
	    status;
}

/* Read FD, which is NAME, to its end. */
static enum ms_status
read_all(struct adding *a, int fd)
{
	enum { ROOM = 8 * MS_POLICYMAP_LINE_MAX };
	char *piece = g_malloc(ROOM);
	size_t held = 0, used;
	enum ms_status status = MS_OK;
	bool end = false;

	while (status == MS_OK && !end) {
		const ssize_t n = read(fd, piece + held, ROOM - held);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			status = ms_error_errno(a->err, "%s", a->name);
			break;
		}
		held += (size_t)n;
		end = n == 0;
		status = take_lines(a, piece, held, end, &used);
		memmove(piece, piece + used, held - used);
		held -= used;
	}
	g_free(piece);
	return status;
}

enum ms_status
ms_policymap_read(struct ms_policymap *map, const char *path,
    struct ms_error *err)
{
	struct adding a = { map, path, 0, 0, err };
	enum ms_status status = begin(&a);
	int fd;

	if (status != MS_OK)
		return status;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return ms_error_errno(err, "%s", path);
	status = read_all(&a, fd);
	(void)close(fd);
	return status;
}

void
ms_policymap_seal(struct ms_policymap *map)
{
	if (map->size > 0)
		map->bytes = g_realloc(map->bytes, map->size);
	map->space = map->size;
}

const char *
ms_policymap_find(const struct ms_policymap *map, const char *key,
    size_t size, struct ms_policymap_place *place)
{
	const uint32_t *slot;
	struct entry entry;

	if (size > KEY_MAX || (size > 0 && memchr(key, '\0', size)))
		return NULL;
	slot = slot_of(map, &map->keys, key, size);
	if (*slot == 0)
		return NULL;
	memcpy(&entry, map->bytes + *slot - 1, sizeof entry);
	if (place)
		*place = (struct ms_policymap_place){
			map->files->pdata[entry.file], entry.line };
	return map->bytes + entry.text;
}

uint32_t
ms_policymap_lines(const struct ms_policymap *map)
{
	return map->keys.count;
}

size_t
ms_policymap_bytes(const struct ms_policymap *map)
{
	return map->space + sizeof(uint32_t) * ((size_t)map->keys.mask + 1 +
	    map->texts.mask + 1);
}
