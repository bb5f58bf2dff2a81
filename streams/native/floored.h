/* Division that rounds down, as Python's does. */
#pragma once
#include "base.h"

static inline i64 floored(i64 value, i64 by) { return value / by - (value % by < 0); }
