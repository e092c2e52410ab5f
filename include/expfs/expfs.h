/* All of libexpfs. */
#pragma once

#include "expfs/array.h"
#include "expfs/convert.h"
#include "expfs/dtype.h"
#include "expfs/edit.h"
#include "expfs/error.h"
#include "expfs/memory_node.h"
#include "expfs/node.h"
#include "expfs/number.h"
#include "expfs/query.h"
#include "expfs/select.h"
#include "expfs/source.h"
#include "expfs/stats.h"
#include "expfs/store.h"
#include "expfs/task.h"
#include "expfs/view.h"
