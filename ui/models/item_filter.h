// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/item.h"

#include <QSet>
#include <QStringList>

namespace keelson::ui {

/// What the filter box says: `web ns:shop label:app=web status:error node:n1 kind:pod`. All words must hold; a word
/// with a `-` before it must not. Words without a colon look into the name and into the cells.
class ItemFilter {
public:
    ItemFilter() = default;
    explicit ItemFilter(const QString& text);

    bool isEmpty() const { return m_words.isEmpty() && m_nameSpaces.isEmpty() && !m_object; }
    /// The namespaces that the selector shows; empty: all. Objects without a namespace always pass.
    void setNameSpaces(const QSet<QString>& nameSpaces) { m_nameSpaces = nameSpaces; }
    /// Only the events about this object pass, whichever namespaces are shown. Null: no such bound.
    void setAbout(ItemPtr object) { m_object = std::move(object); }
    bool matches(const Item& item) const;

private:
    enum class Field { Any, Name, NameSpace, Label, StatusIs, Node, Owner, Kind };
    struct Word {
        Field field = Field::Any;
        bool negative = false;
        QString text;
        QString value;         ///< Of a label.
        bool hasValue = false; ///< label:app=web, not label:app.
    };
    static bool holds(const Word& word, const Item& item);

    QVector<Word> m_words;
    QSet<QString> m_nameSpaces;
    ItemPtr m_object;
};

} // namespace keelson::ui
