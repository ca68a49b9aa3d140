#include "message/intake.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static struct ms_message *
take(const unsigned char *data, size_t size, size_t cut, int quoting)
{
	static const struct ms_intake_config config = {
		.spool = { .heap_max = 1 << 20 },
		.max_bytes = 1 << 16,
	};
	struct ms_intake *intake = ms_intake_new(&config);
	struct ms_message *m;

	ms_intake_begin(intake, (enum ms_intake_quoting)quoting);
	while (size > 0) {
		size_t n = cut < size ? cut : size;

		if (ms_intake_feed(intake, data, n, NULL) != MS_OK)
			abort();
		data += n;
		size -= n;
	}
	if (ms_intake_end(intake, &m, NULL) != MS_OK)
		abort();
	ms_intake_free(intake);
	return m;
}

/* However the bytes are cut, the message is the same, and the digest as
 * found is the digest of the bytes. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_digest want;
	struct ms_message *a, *b;
	size_t cut;
	int quoting;

	if (size < 2)
		return 0;
	cut = 1 + data[0] % 64;
	quoting = data[1] % 3;
	data += 2;
	size -= 2;
	want = ms_hash_of(data, size);
	a = take(data, size, size + 1, quoting);
	b = take(data, size, cut, quoting);
	if (!ms_hash_equal(&a->sha256, &want) ||
	    !ms_hash_equal(&b->sha256, &want) ||
	    !ms_hash_equal(&a->sha256_canonical, &b->sha256_canonical) ||
	    ms_spool_size(a->body) != ms_spool_size(b->body) ||
	    a->omitted != b->omitted || a->size != size || b->size != size)
		abort();
	ms_message_free(a);
	ms_message_free(b);
	return 0;
}
