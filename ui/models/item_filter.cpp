// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/item_filter.h"

#include <QHash>

#include <algorithm>

namespace keelson::ui {

ItemFilter::ItemFilter(const QString& text)
{
    static const QHash<QString, Field> fields{
        {QStringLiteral("name"), Field::Name},           {QStringLiteral("ns"), Field::NameSpace},
        {QStringLiteral("namespace"), Field::NameSpace}, {QStringLiteral("label"), Field::Label},
        {QStringLiteral("status"), Field::StatusIs},     {QStringLiteral("node"), Field::Node},
        {QStringLiteral("owner"), Field::Owner},         {QStringLiteral("kind"), Field::Kind},
    };
    for (auto part : text.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        Word word;
        if (part.size() > 1 && part.startsWith(QLatin1Char('-'))) {
            word.negative = true;
            part.remove(0, 1);
        }
        const auto colon = part.indexOf(QLatin1Char(':'));
        if (colon > 0 && fields.contains(part.left(colon).toLower())) {
            word.field = fields.value(part.left(colon).toLower());
            part = part.mid(colon + 1);
            if (part.isEmpty())
                continue; // still being typed
        }
        if (word.field == Field::Label) {
            const auto equals = part.indexOf(QLatin1Char('='));
            word.hasValue = equals >= 0;
            word.value = equals >= 0 ? part.mid(equals + 1) : QString();
            part = equals >= 0 ? part.left(equals) : part;
        }
        word.text = part;
        m_words << word;
    }
}

bool ItemFilter::matches(const Item& item) const
{
    if (m_object && !isAbout(item, *m_object))
        return false;
    if (!m_object && !m_nameSpaces.isEmpty() && !item.nameSpace.isEmpty() && !m_nameSpaces.contains(item.nameSpace))
        return false;
    return std::ranges::all_of(m_words, [&item](const Word& word) { return holds(word, item) != word.negative; });
}

bool ItemFilter::holds(const Word& word, const Item& item)
{
    constexpr auto insensitive = Qt::CaseInsensitive;
    switch (word.field) {
    case Field::Name:
        return item.name.contains(word.text, insensitive);
    case Field::NameSpace:
        return item.nameSpace.compare(word.text, insensitive) == 0;
    case Field::Label: {
        const auto label = item.labels.find(word.text);
        return label != item.labels.end() && (!word.hasValue || label.value() == word.value);
    }
    case Field::StatusIs:
        return statusRoleName(item.status.role).startsWith(word.text, insensitive) ||
               item.status.word.contains(word.text, insensitive);
    case Field::Node: {
        const auto* pod = item.factsAs<PodFacts>();
        return pod && pod->node.contains(word.text, insensitive);
    }
    case Field::Owner:
        return item.ownerName.contains(word.text, insensitive);
    case Field::Kind:
        return item.kind && item.kind->kind.compare(word.text, insensitive) == 0;
    case Field::Any:
        break;
    }
    return item.name.contains(word.text, insensitive) || std::ranges::any_of(item.cells, [&word](const Cell& cell) {
               return cell.text.contains(word.text, insensitive);
           });
}

} // namespace keelson::ui
