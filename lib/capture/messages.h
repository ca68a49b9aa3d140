#ifndef MS_MESSAGES_H
#define MS_MESSAGES_H

#include <stdbool.h>

/*
 * The boxed half of reading mail from captures: hear all dialogues and send
 * the messages in them down a pipe, as records (source/record.h). The other
 * half is source/heard.h.
 */

/* Read the capture IN to its end, with TMP, an empty file, for what waits for
 * the end of its connection, and write records to OUT. PCAP: it is one, else
 * any form of text. What goes wrong is a record, too. */
void ms_messages_run(int in, int tmp, int out, bool pcap);

#endif
