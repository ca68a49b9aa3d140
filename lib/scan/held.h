#ifndef MS_HELD_H
#define MS_HELD_H

#include "base/mark.h"
#include "engine/engine.h"
#include "scan/layers.h"

#include <stdbool.h>

/*
 * "This zip is encrypted", when the engine says so of something in a message
 * whose zips may be opened here with a password: kept back until it is known
 * whether all zips that the engine has seen were taken apart here as well,
 * which tells of each member that stays closed. If the engine has seen one
 * that was not, what it said stands.
 */

struct ms_held;

struct ms_held *ms_held_new(void);
void ms_held_free(struct ms_held *held);

/* The engine is at LAYER. */
void ms_held_layer(struct ms_held *held, struct ms_layers *layers,
    const struct ms_engine_layer *layer);

/* The engine told GAP of PART. false: it is none to be kept back. */
bool ms_held_gap(struct ms_held *held, enum ms_engine_gap gap,
    const char *part, const char *detail);

/* TOLD gets what was kept back, unless every zip was taken apart: KNOWN has
 * the marks of those as keys. */
void ms_held_settle(struct ms_held *held, GHashTable *known,
    void (*told)(void *arg, const char *part, const char *detail),
    void *arg);

#endif
