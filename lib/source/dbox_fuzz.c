#include "source/dbox.h"

#include "source/entry_fuzz.h"

/* All messages of a file: together no more than the file. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct entry_file file = entry_file_new(data, size);
	struct ms_intake *intake = entry_intake();
	enum ms_status status;
	size_t header, fed = 0;

	status = ms_dbox_start(file.cursor, &header, NULL);
	if ((status == MS_OK) != ms_dbox_is(data, size))
		abort();
	while (status == MS_OK) {
		struct ms_entry entry;

		ms_entry_begin(&entry, intake);
		status = ms_dbox_next(file.cursor, header, &entry, NULL);
		fed += entry.fed;
		ms_entry_clear(&entry);
	}
	if (fed > size)
		abort();
	ms_intake_free(intake);
	entry_file_free(&file);
	return 0;
}
