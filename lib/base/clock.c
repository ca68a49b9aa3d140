#include "base/clock.h"

#include <time.h>

static int64_t
read_clock(clockid_t id, int64_t per_second)
{
	struct timespec now;

	/* Neither clock can fail on a system that has it. */
	(void)clock_gettime(id, &now);
	return now.tv_sec * per_second +
	    now.tv_nsec / (1000000000 / per_second);
}

int64_t
ms_clock_ms(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000);
}

int64_t
ms_clock_wall(void)
{
	return read_clock(CLOCK_REALTIME, 1);
}

int64_t
ms_clock_wall_us(void)
{
	return read_clock(CLOCK_REALTIME, 1000000);
}

int64_t
ms_clock_cpu_ms(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID, 1000);
}
