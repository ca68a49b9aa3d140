#include "serve/task.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What is read is what would be written; nothing else is read. (No descriptor
 * has number 1000000.) */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	GByteArray *frame = NULL;
	struct ms_task task;
	uint64_t id;
	char *text;
	bool good;

	ms_task_init(&task);
	if (ms_task_read(data, size, 1000000, &task) == MS_OK)
		frame = ms_task_note(task.id, task.note_size, &task.words);
	else if (ms_task_read_done(data, size, &id, &good, &text) == MS_OK) {
		frame = ms_task_done(id, good, text);
		g_free(text);
	}
	if (frame) {
		if (frame->len != size)
			abort();
		g_byte_array_unref(frame);
	}
	ms_task_clear(&task);
	return 0;
}
