#include "source/qmail.h"

#include "source/entry_fuzz.h"

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct entry_file file = entry_file_new(data, size);
	struct ms_intake *intake = entry_intake();
	struct ms_entry entry;

	ms_entry_begin(&entry, intake);
	(void)ms_qmail_read(file.cursor, &entry, NULL);
	if (entry.kept > 2 * size)
		abort();
	ms_entry_clear(&entry);
	ms_intake_free(intake);
	entry_file_free(&file);
	return 0;
}
