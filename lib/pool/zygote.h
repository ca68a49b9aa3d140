#ifndef MS_ZYGOTE_H
#define MS_ZYGOTE_H

#include "base/error.h"
#include "engine/engine.h"
#include "pool/broker.h"
#include "pool/worker.h"

/*
 * The process that loads the signature database once and forks workers,
 * which then share it copy-on-write. Single-threaded; it reads nothing from
 * outside but the database. It dies with the supervisor, and the workers die
 * with it.
 */

struct ms_zygote_config {
	const struct ms_engine_ops *ops;
	struct ms_engine_config engine;
	struct ms_scan_config scan;	/* engine and spool.dir are filled in */
	bool parts;
	uint64_t worker_memory;		/* bytes over the loaded engine */
	const char *dir;		/* for the workers' own directories */
	struct ms_broker_config broker;	/* if the engine is remote */
};

/*
 * Fork the zygote.
 *
 * MS_OK    *SOCKET is the caller's end, *PID the process; READY or FAILED
 *          will come from it
 * MS_E_IO  the system has no process or socket left
 */
enum ms_status ms_zygote_start(const struct ms_zygote_config *config,
    int *socket, int *pid, struct ms_error *err);

#endif
