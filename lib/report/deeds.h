#ifndef MS_DEEDS_H
#define MS_DEEDS_H

#include "report/report.h"

#include <glib.h>

/*
 * What was done with messages, for people:
 *
 *	inbox[#2 <id@example.org>]: moved to quarantine 20261121/x
 *	inbox[#4]: FAILED to remove: locked by others
 *	inbox: 2 messages removed
 */

/* A line for each of DEEDS (of struct ms_deed *), or for two that belong
 * together. */
void ms_deeds_append(GString *out, const GString *label,
    const GPtrArray *deeds);

/* A line for what was done with a whole mailbox. */
void ms_deeds_append_action(GString *out,
    const struct ms_report_action *action);

#endif
