#ifndef MS_CLOCK_H
#define MS_CLOCK_H

#include <stdint.h>

/* The only place that asks what time it is. */

/* Milliseconds that never go back; only differences mean anything. */
int64_t ms_clock_ms(void);

/* Seconds since 1970-01-01T00:00:00Z, as the system believes. */
int64_t ms_clock_wall(void);
/* The same in microseconds. */
int64_t ms_clock_wall_us(void);

/* Processor time that this process has used, in milliseconds. */
int64_t ms_clock_cpu_ms(void);

#endif
