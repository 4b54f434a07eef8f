// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::fieldmanager {

/// A set of paths into an object, as metadata.managedFields keeps it in the form FieldsV1: a tree whose edges are path
/// elements and whose nodes may be members.
///
/// An element is written as in FieldsV1: `f:replicas` a member by its name, `k:{"name":"web"}` an item of a list by its
/// keys, `v:"x"` an item of a list by its value, `i:3` one by its place. Values; one thread at a time.
/// Source: Kubernetes' structured merge and diff, FieldsV1.
class FieldSet {
public:
    struct Child;

    FieldSet();
    /// In any order; children of one element are united, empty ones left out.
    FieldSet(bool member, std::vector<Child> children);
    FieldSet(const FieldSet&);
    FieldSet(FieldSet&&) noexcept;
    FieldSet& operator=(const FieldSet&);
    FieldSet& operator=(FieldSet&&) noexcept;
    ~FieldSet();

    /// Reads FieldsV1 and brings its elements to one form. `BadRequest` for what is none, or is deeper than a document.
    static Result<FieldSet> parse(std::string_view text);
    std::string text() const;

    /// Adds the members of `other`.
    void unite(const FieldSet& other);
    /// Removes the members of `other`, not what is below them.
    void subtract(const FieldSet& other);
    /// Keeps only members of both.
    void intersect(const FieldSet& other);
    /// Removes the element with all that is below it.
    void erase(std::string_view element);
    void setMember(bool member) { m_member = member; }

    bool empty() const { return !m_member && m_children.empty(); }
    bool isMember() const { return m_member; }
    const std::vector<Child>& children() const { return m_children; }
    /// Null when there is nothing at or below the element.
    const FieldSet* find(std::string_view element) const;
    FieldSet* find(std::string_view element);
    /// Its members as paths that people read: `.spec.containers[name="web"].image`.
    std::vector<std::string> paths() const;

    bool operator==(const FieldSet& other) const;

private:
    bool m_member = false;
    std::vector<Child> m_children; ///< Sorted by element; none is empty.
};

struct FieldSet::Child {
    std::string element;
    FieldSet below;

    bool operator==(const Child&) const = default;
};

/// The element as a path names it: `.replicas`, `[name="web"]`, `[="x"]`, `[3]`.
std::string pathText(std::string_view element);

} // namespace keelson::fieldmanager
