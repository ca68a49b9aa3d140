#ifndef MS_SCENE_H
#define MS_SCENE_H

#include "net/talk.h"
#include "net/tls.h"
#include "replay/acted.h"
#include "replay/compare.h"

/* A live client, to whom the server's side of a role is played. */

struct ms_scene;

struct ms_scene_config {
	struct ms_loop *loop;
	struct ms_tls *tls;	/* NULL: there is none */
	enum ms_expect expect;
	double speed;		/* as struct ms_actor_config has it */
	int64_t timeout_ms;
};

/* It is over: ACTED is the callee's to free. The scene is freed behind it. */
typedef void ms_scene_done(void *arg, struct ms_acted *acted);

/* FD is a client that has connected from PEER. It becomes the scene's, and so
 * does ACTED, whose role is played. CONFIG and the role outlive the scene. DONE
 * is called from the loop, once unless it is freed before. */
struct ms_scene *ms_scene_start(const struct ms_scene_config *config, int fd,
    const struct ms_endpoint *peer, struct ms_acted *acted,
    ms_scene_done *done, void *arg);
void ms_scene_free(struct ms_scene *scene);

#endif
