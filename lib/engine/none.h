#ifndef MS_NONE_H
#define MS_NONE_H

#include "engine/engine.h"

/*
 * The engine that looks for nothing and needs no database: for taking
 * messages apart, and for telling what cannot be. What it passes was not
 * scanned, so its ops say that it is blind, and nothing is called clean.
 */
extern const struct ms_engine_ops ms_none;

#endif
