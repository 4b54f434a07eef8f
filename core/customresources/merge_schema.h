// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/schema.h"
#include "customresources/structural_schema.h"

#include <deque>

namespace keelson::customresources {

/// A structural schema as the engines know schemas that merge, own, select and list fields: `api::Schema`. It says
/// what is inside of what, and how lists and maps are merged; rules about values are not in it.
/// The schemas live as long as this; it does not move.
class MergeSchema {
public:
    MergeSchema() = default;
    MergeSchema(const MergeSchema&) = delete;
    MergeSchema& operator=(const MergeSchema&) = delete;

    /// Builds all; once. `name`: of the definition ("example.org/v1/Widget").
    const api::Schema& root(const StructuralSchema& schema, const std::string& name);
    api::Schema& root() { return *m_root; }
    /// Of a list of such objects.
    const api::Schema& list() const { return *m_list; }

private:
    const api::Schema* build(const StructuralSchema& schema);
    void buildObject(api::Schema& made, const StructuralSchema& schema);
    void addResource(api::Schema& made);
    void addField(api::Schema& made, std::string name, const api::Schema* schema);
    static void index(api::Schema& made);

    std::deque<api::Schema> m_schemas;
    api::Schema* m_root = nullptr;
    api::Schema* m_list = nullptr;
};

} // namespace keelson::customresources
