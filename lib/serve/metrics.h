#ifndef MS_METRICS_H
#define MS_METRICS_H

#include "pipeline/pipeline.h"
#include "policy/decide.h"
#include "scan/verdict.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What a service counts, in memory that all its processes share: each counts
 * what it does, any of them can print it all, and none of it is lost when one
 * dies. Nothing but people and their dashboards believes these numbers. For
 * every function NULL is a fine ms_metrics, and counts nothing.
 */

struct ms_metrics;

enum ms_metrics_count {
	MS_METRICS_SESSIONS,
	MS_METRICS_OPEN_SESSIONS,	/* now */
	MS_METRICS_NOT_ALLOWED,		/* turned away: who they are, */
	MS_METRICS_TOO_MANY,		/* there are as many as may be, */
	MS_METRICS_TOO_MANY_OF_CLIENT,	/* or as many of that client */
	MS_METRICS_DELIVERED,
	MS_METRICS_BYTES,		/* of all messages */
	MS_METRICS_UPSTREAM_UNREACHED,
	MS_METRICS_UPSTREAM_PASSED_OVER,
	MS_METRICS_UPSTREAM_LOST,
	MS_METRICS_UPSTREAM_LATE,
	MS_METRICS_UPSTREAM_DEFERRED,	/* it replied 4xx to a message, */
	MS_METRICS_UPSTREAM_REFUSED,	/* or 5xx */
	MS_METRICS_SCAN_FAILURES,	/* no verdict came */
	MS_METRICS_SCANNERS,		/* the front has one to ask: 1 */
	MS_METRICS_LOCAL_CLIENTS,	/* of the local scan socket */
	MS_METRICS_LOCAL_SCANS,
	MS_METRICS_WORKERS,
	MS_METRICS_WORKER_DEATHS,
	MS_METRICS_SCANNER_DEATHS,
	MS_METRICS_FRONT_DEATHS,
	MS_METRICS_STORE_DEATHS,
	MS_METRICS_RUNNER_DEATHS,
	MS_METRICS_LOOKUP_DEATHS,
	MS_METRICS_QUARANTINED,
	MS_METRICS_POISON,		/* messages that keep killing workers */
	MS_METRICS_ALARMS,		/* times that deaths of workers made us
					 * refuse sessions */
	MS_METRICS_PROGRAMS,		/* of events, that were run, */
	MS_METRICS_PROGRAM_FAILURES,	/* and failed */
	MS_METRICS_DATABASE_LOADS,
	MS_METRICS_COUNTS
};

/* MS_OK: *METRICS is for ms_metrics_free(), and is to be made before any
 * process that counts. */
enum ms_status ms_metrics_new(struct ms_metrics **metrics,
    struct ms_error *err);
void ms_metrics_free(struct ms_metrics *metrics);

/* Processes that this one starts from now on do not get it. (They parse what
 * comes from outside.) */
void ms_metrics_withhold(struct ms_metrics *metrics);

void ms_metrics_add(struct ms_metrics *metrics, enum ms_metrics_count count,
    uint64_t number);
void ms_metrics_less(struct ms_metrics *metrics, enum ms_metrics_count count,
    uint64_t number);
void ms_metrics_set(struct ms_metrics *metrics, enum ms_metrics_count count,
    uint64_t number);

/* The process called NAME has died: "front". */
void ms_metrics_death(struct ms_metrics *metrics, const char *name);

/* A message is over. VERDICT is MS_VERDICTS if there is none, ACTION is
 * MS_ACTIONS if nothing was decided. */
void ms_metrics_message(struct ms_metrics *metrics, enum ms_verdict verdict,
    enum ms_action action);

/* A message was scanned, which took that long. */
void ms_metrics_scan(struct ms_metrics *metrics, int64_t ms);

/* This engine is the one in force. */
void ms_metrics_engine(struct ms_metrics *metrics,
    const struct ms_pipeline_about *about);

/* Append all of it in the text format of Prometheus (version 0.0.4). NOW:
 * seconds since 1970. */
void ms_metrics_print(const struct ms_metrics *metrics, int64_t now,
    GString *out);

#endif
