// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/registry.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::registry {

/// What one step of admission changed of an object.
struct Mutation {
    std::string step;   ///< "ServiceAccount"
    api::Array changes; ///< Of {path, value}: a JSON pointer and what stands there now; without value: removed.
};

/// A write that has been committed. Valid during the call.
struct CommittedWrite {
    const WriteContext& context;
    const Kind& kind;
    std::string_view subresource;
    const StoredObject* before = nullptr; ///< Null: created.
    const StoredObject* object = nullptr; ///< As it is now; as it was last when `removed`.
    const Value& document;                ///< The object as it was completed, without managedFields.
    bool removed = false;
    std::span<const Mutation> mutations;
    SteadyTime planned;    ///< When its planning began,
    Duration admission{0}; ///< how long admission took of it,
    SteadyTime submitted;  ///< when it went to the store,
    SteadyTime committed;  ///< and when that had it on disk.
};

/// Is told of each write, after its commit and before its caller is. Threads: the writers'; must not block.
class WriteObserver {
public:
    virtual ~WriteObserver() = default;
    virtual void written(const CommittedWrite& write) = 0;
};

/// The places at which `now` differs from `known`, as `Mutation::changes` has them. Makes `known` the same: whoever
/// follows an object from step to step copies it once.
api::Array followChanges(Value& known, const Value& now);

} // namespace keelson::registry
