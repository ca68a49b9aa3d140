#include "source/sendmail.h"

#include "source/entry_fuzz.h"

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct entry_file file = entry_file_new(data, size);
	struct ms_intake *intake = entry_intake();
	struct ms_entry entry;

	(void)ms_sendmail_is(data, size);
	ms_entry_begin(&entry, intake);
	(void)ms_sendmail_read(file.cursor, NULL, &entry, NULL);
	/* The empty line, and an LF for a last line without one. */
	if (entry.fed > size + 2)
		abort();
	ms_entry_clear(&entry);
	ms_intake_free(intake);
	entry_file_free(&file);
	return 0;
}
