// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"
#include "models/item.h"

#include <QHash>
#include <QObject>

#include <optional>

namespace keelson::ui {

/// What became of one object: `before` is null when it is new, `after` when it is gone.
struct ItemChange {
    ItemPtr before;
    ItemPtr after;
};
using ItemChanges = QVector<ItemChange>;

/// All objects of a kind that the window knows now, by uid. Pages read it and follow its changes.
///
/// Threads: GUI thread. Changes come in batches, at most one a frame.
class ObjectStore : public QObject {
    Q_OBJECT
public:
    enum class State { Idle, Loading, Live };

    explicit ObjectStore(const KindInfo& kind, QObject* parent = nullptr);

    const KindInfo& kind() const { return *m_kind; }
    const QHash<QString, ItemPtr>& items() const { return m_items; }
    ItemPtr find(const QString& uid) const { return m_items.value(uid); }
    ItemPtr findByName(const QString& nameSpace, const QString& name) const;
    State state() const { return m_state; }
    /// Why it cannot be listed or watched right now; it is tried again by itself.
    const std::optional<Error>& problem() const { return m_problem; }

    void setState(State state);
    void setProblem(std::optional<Error> problem);
    /// Applies what was heard: for each uid its new item, or null when it is gone.
    void apply(const QVector<std::pair<QString, ItemPtr>>& heard);
    void clear();

signals:
    void changed(const keelson::ui::ItemChanges& changes);
    void stateChanged();

private:
    const KindInfo* m_kind;
    QHash<QString, ItemPtr> m_items;
    State m_state = State::Idle;
    std::optional<Error> m_problem;
};

} // namespace keelson::ui
