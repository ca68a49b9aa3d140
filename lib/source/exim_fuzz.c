#include "source/exim.h"

#include "source/entry_fuzz.h"

/* Header file, data file and journal, with the sizes of the first two in
 * front. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct entry_file header, body, journal;
	struct ms_intake *intake = entry_intake();
	struct ms_entry entry;
	size_t first = 0, second = 0;

	if (size >= 4) {
		first = data[0] | (size_t)data[1] << 8;
		second = data[2] | (size_t)data[3] << 8;
		data += 4;
		size -= 4;
	}
	first = MIN(first, size);
	second = MIN(second, size - first);
	header = entry_file_new(data, first);
	body = entry_file_new(data + first, second);
	journal = entry_file_new(data + first + second,
	    size - first - second);
	if (ms_exim_id(data, size) > size ||
	    ms_exim_is(data, size, 'H') > size)
		abort();
	ms_entry_begin(&entry, intake);
	(void)ms_exim_read(header.cursor, body.cursor, journal.cursor,
	    &entry, NULL);
	if (entry.fed > first + second + 1)
		abort();
	ms_entry_clear(&entry);
	ms_intake_free(intake);
	entry_file_free(&header);
	entry_file_free(&body);
	entry_file_free(&journal);
	return 0;
}
