/* A Modbus server that is not ours: libmodbus, 256 coils and holding registers, each holding its own address.
 *
 * usage: libmodbus_server tcp PORT | rtu PATH UNIT
 * Serves one connection at a time, as many small devices do. Prints "ready" when it listens.
 */
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CELLS 256

static void serve(modbus_t *link, modbus_mapping_t *cells, int for_ever) {
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
        int length = modbus_receive(link, query);
        if (length > 0)
            modbus_reply(link, query, length, cells);
        else if (length < 0 && !for_ever)
            return;
    }
}

int main(int argc, char **argv) {
    modbus_mapping_t *cells = modbus_mapping_new(CELLS, CELLS, CELLS, CELLS);
    int place;

    if (argc < 3 || !cells) return 2;
    for (place = 0; place < CELLS; place++) {
        cells->tab_registers[place] = place;
        cells->tab_bits[place] = place % 3 == 0;
    }
    if (strcmp(argv[1], "rtu") == 0) {
        modbus_t *link = modbus_new_rtu(argv[2], 9600, 'N', 8, 1);
        modbus_set_slave(link, atoi(argv[3]));
        if (modbus_connect(link) != 0) return 3;
        puts("ready");
        fflush(stdout);
        serve(link, cells, 1);
    } else {
        modbus_t *link = modbus_new_tcp("127.0.0.1", atoi(argv[2]));
        int listener = modbus_tcp_listen(link, 1);
        if (listener < 0) return 3;
        puts("ready");
        fflush(stdout);
        for (;;) {
            if (modbus_tcp_accept(link, &listener) < 0) return 4;
            serve(link, cells, 0);
            modbus_close(link);
        }
    }
    return 0;
}
