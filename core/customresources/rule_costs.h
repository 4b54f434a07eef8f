// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/refusals.h"
#include "cel/value.h"
#include "customresources/structural_schema.h"

#include <optional>
#include <string>
#include <vector>

namespace keelson::customresources {

/// What one rule, or all rules of a schema, may cost at worst.
inline constexpr std::uint64_t ruleCostMax = 10'000'000;
inline constexpr std::uint64_t schemaCostMax = 100'000'000;

/// Tells the type how large its values get: by the schema, and where that says nothing by what fits into a request.
/// Those of its parts are known. Source: Kubernetes, "Validation rules": resource use by validation functions.
void boundSize(const StructuralSchema& schema, cel::Type& type);

/// How many values an object has at a place of its schema: a product of maxItems and maxProperties; nothing where one
/// of them is missing.
using Cardinality = std::optional<std::uint64_t>;
Cardinality cardinalityBelow(const StructuralSchema& schema, Cardinality here);
/// Where lists and maps above have no end: as many as fit into a request.
std::uint64_t valuesAtMost(Cardinality cardinality, const cel::Type& type);

/// Sums what the rules of a schema cost and refuses those that cost too much, in the words of Kubernetes.
class CostLedger {
public:
    /// `what`: "rule" or "messageExpression", the member at `path`.
    void add(std::string_view what, const api::FieldPath& path, std::uint64_t cost, api::Refusals& refusals);
    /// Refuses the whole, and the dearest rules, when they cost too much together.
    void close(const api::FieldPath& schema, api::Refusals& refusals);

private:
    struct Entry {
        std::string path;
        std::uint64_t cost = 0;
    };
    std::uint64_t m_total = 0;
    std::vector<Entry> m_dearest; ///< The dearest first.
};

} // namespace keelson::customresources
