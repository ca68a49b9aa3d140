#include "action/provenance.h"

#include <inttypes.h>
#include <string.h>

#define BEGINNING "<mailscan."

/* Hexadecimal digits of a number, which begins with the time; and of a proof.
 */
#define NUMBER 32
#define TIME 8
#define PROOF 32

/* RFC 1035, 2.3.4: no host has a longer name. */
#define HOST_MAX 255

/* PROOF digits, for g_free(). */
static char *
prove(const char *key, const char *number)
{
	char *digits = g_compute_hmac_for_string(G_CHECKSUM_SHA256,
	    (const guchar *)key, strlen(key), number, NUMBER);

	digits[PROOF] = '\0';
	return digits;
}

void
ms_provenance_id(const char *key, int64_t now, const uint64_t random[2],
    GString *out)
{
	char number[NUMBER + 1], *proof;

	(void)g_snprintf(number, sizeof number, "%08" PRIx32 "%08" PRIx32
	    "%016" PRIx64, (uint32_t)now, (uint32_t)random[0], random[1]);
	g_string_append_printf(out, BEGINNING "%s", number);
	if (!key)
		return;
	proof = prove(key, number);
	g_string_append_printf(out, ".%s", proof);
	g_free(proof);
}

static size_t
digits(const char *text, const char *end)
{
	size_t n = 0;

	while (text + n < end && g_ascii_isxdigit(text[n]) &&
	    !g_ascii_isupper(text[n]))
		n++;
	return n;
}

/* The size of the ID with a proof at TEXT, or 0. */
static size_t
measure(const char *text, const char *end)
{
	const size_t fixed = strlen(BEGINNING) + NUMBER + 1 + PROOF + 1;
	const char *number = text + strlen(BEGINNING);
	const char *proof = number + NUMBER + 1;
	size_t host = 0;

	if ((size_t)(end - text) <= fixed ||
	    digits(number, end) != NUMBER || proof[-1] != '.' ||
	    digits(proof, end) != PROOF || proof[PROOF] != '@')
		return 0;
	text += fixed;
	while (text + host < end && host < HOST_MAX &&
	    (g_ascii_isalnum(text[host]) || text[host] == '.' ||
	    text[host] == '-'))
		host++;
	return host > 0 && text + host < end && text[host] == '>' ?
	    fixed + host + 1 : 0;
}

/* The next ID with a proof at *AT or behind it, which is then behind that; its
 * size, or 0: there is none. */
static size_t
next(const char **at, const char *end, const char **id)
{
	while ((*id = memmem(*at, (size_t)(end - *at), BEGINNING,
	    strlen(BEGINNING)))) {
		const size_t size = measure(*id, end);

		*at = *id + (size > 0 ? size : strlen(BEGINNING));
		if (size > 0)
			return size;
	}
	return 0;
}

/* Of an ID that has all its parts. */
static bool
is_proved(const char *key, int64_t now, const char *id)
{
	const char *number = id + strlen(BEGINNING);
	char *proof = prove(key, number);
	const bool right = memcmp(proof, number + NUMBER + 1, PROOF) == 0;
	char time[TIME + 1];
	int64_t age;

	g_free(proof);
	(void)g_strlcpy(time, number, sizeof time);
	age = (int32_t)((uint32_t)now - (uint32_t)g_ascii_strtoull(time, NULL,
	    16));
	return right && age < MS_PROVENANCE_SECONDS;
}

bool
ms_provenance_is_ours(const char *key, int64_t now, const char *text,
    size_t size)
{
	const char *end = text + size, *id;

	while (next(&text, end, &id) > 0)
		if (is_proved(key, now, id))
			return true;
	return false;
}

void
ms_provenance_references(const char *text, size_t size, GString *out)
{
	const char *end = text + size, *ids[MS_PROVENANCE_IDS_MAX];
	size_t sizes[MS_PROVENANCE_IDS_MAX], count = 0, one;
	const char *id;

	while ((one = next(&text, end, &id)) > 0) {
		ids[count % MS_PROVENANCE_IDS_MAX] = id;
		sizes[count++ % MS_PROVENANCE_IDS_MAX] = one;
	}
	for (size_t i = count > MS_PROVENANCE_IDS_MAX ?
	    count - MS_PROVENANCE_IDS_MAX : 0, first = i; i < count; i++) {
		const size_t k = i % MS_PROVENANCE_IDS_MAX;

		g_string_append(out, i == first ? "References: " : "\n ");
		g_string_append_len(out, ids[k], (gssize)sizes[k]);
	}
	if (count > 0)
		g_string_append_c(out, '\n');
}
