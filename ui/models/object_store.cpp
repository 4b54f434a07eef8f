// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/object_store.h"

namespace keelson::ui {

ObjectStore::ObjectStore(const KindInfo& kind, QObject* parent) : QObject(parent), m_kind(&kind) {}

ItemPtr ObjectStore::findByName(const QString& nameSpace, const QString& name) const
{
    for (const auto& item : m_items)
        if (item->name == name && item->nameSpace == nameSpace)
            return item;
    return nullptr;
}

void ObjectStore::setState(State state)
{
    if (m_state == state)
        return;
    m_state = state;
    emit stateChanged();
}

void ObjectStore::setProblem(std::optional<Error> problem)
{
    if (!m_problem && !problem)
        return;
    m_problem = std::move(problem);
    emit stateChanged();
}

void ObjectStore::apply(const QVector<std::pair<QString, ItemPtr>>& heard)
{
    ItemChanges changes;
    changes.reserve(heard.size());
    for (const auto& [uid, item] : heard) {
        const auto before = m_items.value(uid);
        if (!item && !before)
            continue;
        if (item && before && item->resourceVersion == before->resourceVersion && !item->resourceVersion.isEmpty())
            continue;
        if (item)
            m_items.insert(uid, item);
        else
            m_items.remove(uid);
        changes.push_back({before, item});
    }
    if (!changes.isEmpty())
        emit changed(changes);
}

void ObjectStore::clear()
{
    QVector<std::pair<QString, ItemPtr>> gone;
    for (auto it = m_items.cbegin(); it != m_items.cend(); ++it)
        gone.push_back({it.key(), nullptr});
    apply(gone);
}

} // namespace keelson::ui
