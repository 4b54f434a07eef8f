// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::fieldmanager {

enum class Operation { Apply, Update };

/// Who set which fields, and how: an entry of metadata.managedFields. The fields stay text until somebody has to know
/// them: most writes touch those of one manager.
struct Manager {
    std::string name;
    Operation operation = Operation::Update;
    std::string apiVersion;
    std::string subresource;
    std::string time;   ///< RFC 3339, or empty.
    std::string fields; ///< FieldsV1.

    /// Whether both are entries of one manager. An applier has one entry, whatever version it applies in.
    bool isSame(const Manager& other) const;
    /// As refusals name it: `"kubectl-edit" using apps/v1`.
    std::string text() const;
};
using Managers = std::vector<Manager>;

/// From the text of the list in an object of ours. What cannot be read counts as not there.
Managers readManagers(std::string_view text);
/// From the list that a client sent. `BadRequest` says what is wrong with it.
Result<Managers> acceptManagers(const api::Value& list);
/// The text of the list, in Kubernetes' order: appliers first, the oldest first. Empty for none.
std::string writeManagers(Managers managers);
/// Whether the two texts of lists differ in times at most.
bool sameButForTimes(std::string_view one, std::string_view other);
/// Whether the list is the one by which a client asks that the managers be forgotten: `[{}]`. An empty one comes from
/// clients that know nothing of managers.
bool asksForReset(const api::Value& list);

} // namespace keelson::fieldmanager
