// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/summary.h"
#include "widgets/meter.h"

#include <QWidget>

class QLabel;

namespace keelson::ui {

class ElidedLabel;

/// A kind's name, how many there are, and a bar of their states.
class KindCard : public Card {
    Q_OBJECT
public:
    explicit KindCard(const KindInfo& kind, QWidget* parent = nullptr);
    const KindInfo& kind() const { return m_kind; }
    void setCounts(const StatusCounts& counts, bool isLoading);

private:
    const KindInfo& m_kind;
    QLabel* m_number;
    ElidedLabel* m_words;
    Meter* m_meter;
};

/// A line that opens an object: glyph, name, what, when. Painted, so that a list of them is cheap.
class ItemRow : public QWidget {
    Q_OBJECT
public:
    /// What is too long is cut at its end, but a name without a lead in its middle: pods differ at their ends.
    struct Words {
        QString lead; ///< What the name is, or what happened to it; in a column of its own.
        QString name;
        QString detail; ///< A sentence.
        QString right;  ///< How long ago.
    };
    ItemRow(ItemPtr item, Words words, QWidget* parent = nullptr);

    /// Gives all rows a column that is as wide as their longest lead.
    static void alignLeads(const QVector<ItemRow*>& rows);

signals:
    void activated(const keelson::ui::ItemPtr& item);

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    QSize sizeHint() const override;

private:
    ItemPtr m_item;
    Words m_words;
    int m_leadWidth = 0; ///< With the gap behind it.
};

/// A node with what it can carry: CPU, memory and pods as bars.
class NodeRow : public QWidget {
    Q_OBJECT
public:
    explicit NodeRow(const NodeLoad& load, QWidget* parent = nullptr);

signals:
    void activated(const keelson::ui::ItemPtr& item);

protected:
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    ItemPtr m_node;
};

} // namespace keelson::ui
