#ifndef MAILSCAN_H
#define MAILSCAN_H

/* All that the commands in cli/ see of the library. */

#include "action/act.h"
#include "action/custody.h"
#include "action/lock.h"
#include "action/mailbox.h"
#include "action/maildrop.h"
#include "action/outdir.h"
#include "action/quarantine.h"
#include "base/budget.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/quote.h"
#include "base/tempdir.h"
#include "base/whole.h"
#include "engine/clamav.h"
#include "engine/database.h"
#include "engine/engine.h"
#include "engine/none.h"
#include "pipeline/pipeline.h"
#include "pipeline/terms.h"
#include "report/changes.h"
#include "report/jsonl.h"
#include "report/merge.h"
#include "report/progress.h"
#include "report/prom.h"
#include "report/readback.h"
#include "report/report.h"
#include "report/totals.h"
#include "scan/outcome.h"
#include "scan/verdict.h"
#include "source/source.h"
#include "state/state.h"

#endif
