#ifndef MS_HTMLCHARTS_H
#define MS_HTMLCHARTS_H

#include "report/htmlpage.h"

/* Append the section with the four charts of PAGE: verdicts, messages by
 * month, findings by name, and messages by mailbox. Those without a
 * bar are left out. */
void ms_htmlcharts_append(GString *out, const struct ms_htmlpage *page);

#endif
