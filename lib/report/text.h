#ifndef MS_TEXT_H
#define MS_TEXT_H

#include "report/report.h"

/*
 * Lines for people, and for tools that read clamscan's:
 *
 *	PATH: OK
 *	PATH:2: Eicar-Test-Signature FOUND
 *	inbox.mbox[#3 <id@example.org>]:2/x.zip: ENCRYPTED (needs a password)
 *
 * mailscan-report(5) has the grammar. Buffering is the stream's; the summary
 * flushes it, so that a full disk does not go unnoticed.
 */
extern const struct ms_report_ops ms_text_ops;

#endif
