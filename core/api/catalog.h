// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"

#include <memory>
#include <span>
#include <vector>

namespace keelson::api {

/// All kinds that a server serves or a client knows. Immutable: when custom kinds come and go there is a new one, and
/// readers share the one they began with through `std::shared_ptr<const Catalog>`.
class Catalog {
public:
    /// The kinds of core/api/kinds, compiled in. Made on first use (a few milliseconds); any thread.
    static const Catalog& builtIn();

    Catalog();
    ~Catalog();
    Catalog(Catalog&&) noexcept;

    std::span<const Kind* const> kinds() const;
    /// The group versions in discovery order: v1 first, then by group name, newer versions first.
    std::span<const GroupVersion> groupVersions() const;

    /// Null when there is none. Constant time.
    const Kind* find(const GroupVersion& groupVersion, std::string_view kind) const;
    const Kind* findPlural(const GroupVersion& groupVersion, std::string_view plural) const;
    /// A shared part or any object definition by its name as in the files: "core/v1/PodSpec", "meta/v1/Status". Null
    /// when there is none.
    const Schema* findDefinition(std::string_view name) const;
    /// The group version that a definition of that name belongs to: "core/v1/PodSpec" is of v1.
    std::optional<GroupVersion> groupVersionOf(std::string_view name) const;
    /// All definitions: ("core/v1/PodSpec", schema), in name order; for OpenAPI.
    std::span<const std::pair<std::string, const Schema*>> definitions() const;

    /// The kinds of `base`, which must outlive it, and custom kinds. A custom kind's definition is called
    /// "example.org/v1/Widget".
    static Catalog extended(const Catalog& base, std::vector<std::shared_ptr<const Kind>> custom);

    /// Puts the versions of a group in Kubernetes' order: "v2" before "v1" before "v1beta2" before "v1alpha1".
    static bool isNewer(std::string_view version, std::string_view than);

    /// Finds the conversion that a kind's file names; null when there is none.
    using Conversions = const Conversion* (*)(std::string_view name);
    /// Reads kinds from documents in the dialect of core/api/kinds; `Invalid` names the document and the place.
    /// Without `conversions` no kind has one.
    static Result<Catalog> fromDocuments(std::span<const Value> documents, Conversions conversions = nullptr);

private:
    struct Data;
    std::unique_ptr<Data> m_data;
};

/// The built-in kind of a typed struct: `kindOf<Pod>()`.
template <typename T>
const Kind& kindOf()
{
    static const Kind& kind = *Catalog::builtIn().find({std::string(T::group), std::string(T::version)}, T::kindName);
    return kind;
}

} // namespace keelson::api
