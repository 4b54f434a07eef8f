// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"

#include <QToolButton>

class QFrame;
class QLineEdit;
class QListWidget;

namespace keelson::ui {

/// Which namespaces all pages show: one, several, or all.
class NamespaceSelector : public QToolButton {
    Q_OBJECT
public:
    explicit NamespaceSelector(Cluster& cluster, QWidget* parent = nullptr);

private:
    void openList();
    void fill();
    void take();
    void refreshText();

    Cluster& m_cluster;
    QFrame* m_popup;
    QLineEdit* m_filter;
    QListWidget* m_list;
};

} // namespace keelson::ui
