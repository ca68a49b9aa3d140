#ifndef MS_OFFLINE_H
#define MS_OFFLINE_H

#include "message/intake.h"
#include "pipeline/pipeline.h"
#include "policy/decide.h"
#include "replay/compare.h"
#include "replay/played.h"
#include "smtp/proxy.h"

/*
 * What would the scanning proxy have answered? A role is played to the machine
 * that the proxy is, with the recorded server as its next hop; messages are
 * scanned, and decided about, as they would be there. Nothing is connected to.
 */
struct ms_offline_config {
	struct ms_pipeline *pipeline;	/* that nobody else uses; not one that
					 * joins pieces */
	const struct ms_rules *rules;
	struct ms_intake_config intake;	/* where messages go */
	const char *hostname;		/* of the proxy */
	enum ms_proxy_newlines newlines;
	uint64_t size_max;		/* of a message; 0: any */
	enum ms_expect expect;
};

/*
 * Play ROLE. What was received is what the proxy says; UNMATCHED of *PLAYED,
 * which is for ms_played_free(), are commands of the proxy to its next hop
 * that nobody has said to the recorded server.
 *
 * MS_OK      it was played; *PLAYED says with what result
 * MS_E_PEER  the pipeline came to an end
 * MS_E_IO    bytes could not be read, or not be kept
 */
enum ms_status ms_offline(const struct ms_offline_config *config,
    const struct ms_role *role, struct ms_played **played,
    struct ms_error *err);

#endif
