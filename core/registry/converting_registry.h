// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/loop.h"
#include "registry/registry.h"

namespace keelson::registry {

/// A registry that shows objects in the version that is asked for (`Kind::storedAs`) around one that gives them in the
/// version that they are stored in, and to which writes of built-in kinds come in that version, writes of custom kinds
/// in the one that the client uses. What needs no conversion it hands on as it is.
///
/// Reads convert on the thread that asks. Events of watches are converted on the thread that tells them or, when the
/// conversion blocks, by the executor (null: on that thread all the same). Creates and writes of a status in another
/// version are committed one by one, as is the removal of a collection that fields select.
std::unique_ptr<Registry> convertVersions(std::unique_ptr<Registry> stored, const Clock& clock, Executor* executor);

} // namespace keelson::registry
