#ifndef MS_LAYERS_H
#define MS_LAYERS_H

#include "base/mark.h"
#include "engine/engine.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What the engine has looked at by itself, in this message and in messages
 * before it: so that nothing is looked at twice. Lives as long as a worker,
 * and dies with it.
 *
 * A layer is passed over if the engine has seen the same content under the
 * same type, name and attributes, and under the same types and names of all
 * layers around it, so that signatures that ask for containers see the same
 * thing: earlier in the message, or in a message before it in which nothing
 * was found and nothing was left out. clamscan's own cache goes further, but
 * knows which signatures nearly matched.
 */

struct ms_layers;

/* CONTEXTS: the engine has signatures that ask what is around a layer; if
 * not, a layer is the same wherever it lies. */
struct ms_layers *ms_layers_new(bool contexts);
void ms_layers_free(struct ms_layers *layers);

/* A new message. */
void ms_layers_begin(struct ms_layers *layers);

/* The engine is at LAYER, in a scan whose layers may be passed over if
 * MAY_SKIP. Returns whether this one is to be. */
bool ms_layers_look(struct ms_layers *layers,
    const struct ms_engine_layer *layer, bool may_skip);

/* Has the engine shown a layer directly inside SIZE bytes at DATA in this
 * message? */
bool ms_layers_opened(struct ms_layers *layers, const void *data,
    size_t size);

/* Something stopped the engine: what it has shown in this message may not
 * have been looked at. */
void ms_layers_distrust(struct ms_layers *layers);

/* A signature matched in this message, and lists of what is fine, which may
 * know what is around the match, were asked: what is clean here need not be
 * so elsewhere. Nothing more is passed over, and nothing remembered. */
void ms_layers_suspect(struct ms_layers *layers);

/* The mark of a content found by the walk. */
struct ms_mark ms_layers_mark(struct ms_layers *layers, const void *data,
    size_t size);

enum ms_layers_state {
	MS_LAYERS_NEW,		/* not looked at in this message */
	MS_LAYERS_EXAMINED,	/* it was; what is inside it may not have */
	MS_LAYERS_KNOWN		/* and so was all that is inside it */
};

/* What is known of SIZE bytes at DATA, whose mark is MARK. With LINE_ENDS, CR
 * and LF at their end do not count: of a MIME part, parsers disagree on whose
 * they are. */
enum ms_layers_state ms_layers_state(struct ms_layers *layers,
    const void *data, size_t size, const struct ms_mark *mark,
    bool line_ends);

/* The engine is at LAYER, a text with the line ends of transport. Is it plain
 * text to the engine, which has in this message looked at the same lines with
 * LF, as its parser hands them on, and taken those for plain text, too? */
bool ms_layers_lines(struct ms_layers *layers,
    const struct ms_engine_layer *layer);

/* Has the walk looked at a content with MARK, and at all that is inside it, in
 * a message before this one, and was that message clean? */
bool ms_layers_remembered(const struct ms_layers *layers,
    const struct ms_mark *mark);

/* The walk has looked at a content, and at all that is inside it. */
void ms_layers_walked(struct ms_layers *layers, const struct ms_mark *mark);

/* The message is done; CLEAN: nothing was found and nothing left out. */
void ms_layers_end(struct ms_layers *layers, bool clean);

#endif
